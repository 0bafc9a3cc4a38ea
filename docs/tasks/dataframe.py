"""A fit to a DataFrame, one for each group, and the trace as a DataFrame."""

# needs pandas
import pandas as pd

import gdcli

frame = pd.DataFrame(
    {
        "plant": ["a", "a", "a", "a", "b", "b", "b", "b"],
        "day": [0, 1, 2, 3, 0, 1, 2, 3],
        "height": [1.0, 3.1, 4.9, 7.0, 2.0, 2.4, 3.1, 3.5],
    }
)

fits = {}
for plant, rows in frame.groupby("plant"):
    loss = gdcli.function("sum((a*day[i] + b - height[i])^2 for i in 1:n)", data=rows)
    result = gdcli.minimize(loss, start=[1, 1])
    fits[plant] = {**loss.split(result.x), "status": result.status}
print(pd.DataFrame.from_dict(fits, orient="index").round(4))

trace = result.to_frame()
print(trace.columns.tolist(), len(trace) == result.nit + 1)

# prints:
#         a     b     status
#   a  1.98  1.03  converged
#   b  0.52  1.97  converged
#   ['k', 'a', 'b', 'f', 'gradient_norm', 'alpha'] True
