# Completion of gdcli @VERSION@ for Windows PowerShell 5.1 and PowerShell 7: a file that $PROFILE
# runs.
Register-ArgumentCompleter -Native -CommandName gdcli -ScriptBlock {
  param($current, $line, $position)
  $problems = [ordered]@{
@PROBLEMS@
  }
  $commands = [ordered]@{
@COMMANDS@
  }
  $options = @{
@OPTIONS@
  }
  $due = @{
@DUE@
  }
  $before = @($line.CommandElements | Where-Object { $_.Extent.EndOffset -lt $position } |
    ForEach-Object { $_.ToString() })
  $command = if ($before.Count -gt 1) { $before[1] } else { '' }
  $after = ''
  $ended = $false
  $place = 1
  foreach ($word in @($before | Select-Object -Skip 2)) {
    if ($after) { $after = '' }
    elseif ($ended) { $place++ }
    elseif ($word -eq '--') { $ended = $true }
    elseif ($word -match '^(--[a-z]|-[a-z]$)') {
      if ($due.ContainsKey("$command $word")) { $after = $word }
    }
    else { $place++ }
  }
  $prefix = ''
  $found = if (-not $command) { $commands }
  elseif ($after) { $due["$command $after"] }
  elseif (-not $ended -and $current -match '^(--[a-z-]+)=') {
    $prefix = $Matches[0]
    $key = "$command $($Matches[1])"
    if ($due.ContainsKey("$key=")) { $due["$key="] } else { $due[$key] }
  }
  elseif (-not $ended -and ($current -like '-*' -or -not $due.ContainsKey("$command $place"))) {
    $options[$command]
  }
  else { $due["$command $place"] }
  foreach ($name in @($found.Keys)) {
    if ($name -and "$prefix$name" -like "$current*") {
      [System.Management.Automation.CompletionResult]::new(
        "$prefix$name", $name, 'ParameterValue', $found[$name])
    }
  }
}
