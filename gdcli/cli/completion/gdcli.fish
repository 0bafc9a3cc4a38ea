# Completion of gdcli @VERSION@ for fish 3.2 and later: a file gdcli.fish in
# ~/.config/fish/completions.
function __gdcli_may -a command # whether an option of this command may come now: none of $argv[3..]
    set -l words (commandline -opc)
    test "$words[2]" = "$command"; or return
    test "$argv[2]" = value; and contains -- $words[-1] $argv[3..-1]; and set -e words[-1]
    for option in $argv[3..-1]
        string match -q -- $option $words[3..-1]; and return 1
        string match -q -- "$option=*" $words[3..-1]; and return 1
    end
    return 0
end

function __gdcli_place -a command place # whether that argument is due; $argv[3..] take values
    set -l words (commandline -opc)
    test "$words[2]" = "$command"; or return
    set -l found 1
    set -l reading options
    for word in $words[3..-1]
        if test $reading = value
            set reading options
        else if test $reading = options -a "$word" = --
            set reading arguments
        else if test $reading = options; and string match -qr -- '^(-[a-zA-Z]$|--[a-zA-Z])' $word
            contains -- $word $argv[3..-1]; and set reading value
        else
            set found (math $found + 1)
        end
    end
    test $reading = options; and string match -q -- '-*' (commandline -ct); and return 1
    test $found = $place
end

function __gdcli_beside -a command option # whether a value of an option that needs none may come
    set -l words (commandline -opc)
    test "$words[2]" = "$command" -a "$words[-1]" = "$option"
end

function __gdcli_files # the files that begin with $argv[1], each after $argv[2]
    for file in $argv[1]*
        test -d $file; and set file $file/
        printf '%s%s\n' $argv[2] $file
    end
end

function __gdcli_word # the value at the cursor, without --option=
    string replace -r -- '^--[a-zA-Z-]+=' '' (commandline -ct)
end

function __gdcli_data
    set -l word (__gdcli_word)
    set -l parts (string match -r -- '^((?:.*=)?)(.*)$' $word)
    __gdcli_files "$parts[3]" "$parts[2]"
end

function __gdcli_point
    set -l parts (string match -r -- '^(.*@)(.*)$' (__gdcli_word)); or return
    __gdcli_files "$parts[3]" "$parts[2]"
end

function __gdcli_function
    printf '%s\t%s\n' @PROBLEMS@
    __gdcli_files (commandline -ct) '' | string match -r -- '.*(?:\.toml|/)$'
end

complete -c gdcli -f
@LINES@
