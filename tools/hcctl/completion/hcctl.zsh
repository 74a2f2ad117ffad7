#compdef hcctl hoststatectl relayctl
# Completion of hcctl, hoststatectl and relayctl in zsh.
@COMMON@
_hcctl() {
  local word rest socket='' kind
  local -a described names
  while IFS=$'\t' read -r word rest; do
    case $word in
      '<socket>') socket=$rest ;;
      '<file>') _files ;;
      '<columns>') names=(${(f)"$(_hcctl_columns "${words[1]}" "$rest")"}); compadd -S '' -a names ;;
      '<'*)
        kind=${${word#<}%%(...|)>}
        names=(${(f)"$(_hcctl_names "${words[1]}" "$socket" "$kind")"})
        compadd -a names
        ;;
      *) described+=("$word:$rest") ;;
    esac
  done < <(_hcctl_place "${(@Q)words[2,CURRENT-1]}" "$PREFIX")
  [ ${#described} -eq 0 ] || _describe -t commands 'hcctl' described
}
_hcctl "$@"
