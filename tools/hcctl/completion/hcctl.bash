# shellcheck shell=bash
# Completion of hcctl, hoststatectl and relayctl in bash.
@COMMON@
# The words up to the cursor, as they were typed: bash cuts them at colons, which names of tables have.
_hcctl_words() {
  local left=${COMP_LINE:0:COMP_POINT} piece i
  words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    piece=${COMP_WORDS[i]}
    if [ "$i" -eq 0 ] || [[ $left == [[:space:]]* ]]; then words+=(''); fi
    left=${left#"${left%%[![:space:]]*}"}
    [ "$i" -lt "$COMP_CWORD" ] || piece=$left
    words[-1]+=$piece
    left=${left#"$piece"}
  done
}
_hcctl() {
  local words word rest socket='' current found=() add
  _hcctl_words
  current=${words[-1]#[\"\']}
  while IFS=$'\t' read -r word rest; do
    case $word in
      '<socket>') socket=$rest ;;
      '<file>')
        compopt -o filenames 2>/dev/null
        mapfile -t add < <(compgen -f -- "$current")
        found+=("${add[@]}")
        ;;
      '<columns>') mapfile -t add < <(_hcctl_columns "${words[0]}" "$rest"); found+=("${add[@]}") ;;
      '<'*)
        word=${word#<}
        word=${word%>}
        mapfile -t add < <(_hcctl_names "${words[0]}" "$socket" "${word%...}")
        found+=("${add[@]}")
        ;;
      *) found+=("$word") ;;
    esac
  done < <(_hcctl_place "${words[@]:1}")
  COMPREPLY=()
  for word in "${found[@]}"; do
    [[ $word != "$current"* ]] || COMPREPLY+=("$word")
  done
  [[ $COMP_WORDBREAKS != *:* || $current != *:* ]] || COMPREPLY=("${COMPREPLY[@]#"${current%"${current##*:}"}"}")
}
complete -F _hcctl hcctl hoststatectl relayctl
