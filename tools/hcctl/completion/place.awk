# What may stand at the cursor of a command line of hcctl. Reads hcctl's table of its language (a place, a word, its help;
# by tabs), a line with a dot, and the command line's words without the program's name, a line each, the one at the cursor
# last. Prints a line for each thing that may stand there: the word, its help, by a tab. Of what the table does not hold it
# prints only the kind: "<host>", "<file>"; of -o "<columns>" with the words before it. First comes "<socket>", by a tab the
# one that was named.
BEGIN { FS = "\t" }
!asked && $0 == "." { asked = 1; next }
asked { line[++lines] = $0; next }
$1 == "-" {
  split($2, part, " ")
  options[++option_count] = part[1]
  purpose[part[1]] = $3
  if (part[2] != "") valued[part[1]] = 1
  next
}
{
  word[$1, ++count[$1]] = $2
  help[$1, count[$1]] = $3
  if ($2 ~ /^</) argument[$1] = $2
}
END {
  place = "/"
  for (i = 1; i < lines; i++) {
    if (awaits != "") take(awaits, line[i])
    else if (words_only || line[i] !~ /^-./) { if (!step(line[i])) exit }
    else if (line[i] == "--") words_only = 1
    else if (line[i] ~ /^--/) { if (line[i] in valued) awaits = line[i] }
    else letters(line[i])
  }
  print "<socket>\t" socket
  if (awaits == "-s") print "<file>"
  else if (awaits == "-o") print "<columns>\t" before
  else if (awaits == "" && !words_only && line[lines] ~ /^-/) for (i = 1; i <= option_count; i++) print options[i] "\t" purpose[options[i]]
  else if (awaits == "") for (i = 1; i <= count[place]; i++) print word[place, i] "\t" help[place, i]
}
function take(option, value) {
  if (option == "-s") socket = value
  awaits = ""
}
function letters(text,   i, name, rest) { # -s VALUE, -sVALUE, -jH
  for (i = 2; i <= length(text); i++) {
    name = "-" substr(text, i, 1)
    if (!(name in valued)) continue
    rest = substr(text, i + 1)
    if (rest == "") awaits = name
    else take(name, rest)
    return
  }
}
function step(text,   i, found) { # as the parser does: a word, or the only one that begins so, or an argument
  before = before (before == "" ? "" : " ") text
  for (i = 1; i <= count[place]; i++) if (word[place, i] == text) return enter(text)
  if (place in argument) return argument[place] ~ /\.\.\.>$/ && place ~ /\*$/ ? 1 : enter("*")
  for (i = 1; i <= count[place]; i++) if (index(word[place, i], text) == 1) { if (found != "") return 0; found = word[place, i] }
  return found == "" ? 0 : enter(found)
}
function enter(text) {
  place = place (place == "/" ? "" : "/") text
  return 1
}
