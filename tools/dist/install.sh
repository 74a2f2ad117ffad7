#!/bin/sh
# Installs what `make` built, or removes it again.
#   DESTDIR= PREFIX=/usr/local install.sh install|uninstall NAME... ALIAS:PROGRAM... SCRIPT:PATH...
# Programs that anyone may run go to bin, those of the administrator to sbin, as Debian does; an alias is a symbolic link
# beside its program; what completes hcctl's words goes where the shells look for it; manual pages are compressed, and an
# alias finds its program's. Users and groups of the machine are made only where it installs into itself (DESTDIR empty);
# an uninstall leaves them, and everything under /etc.
set -eu
cd "$(dirname "$0")/../.."
action=$1
shift
prefix=${DESTDIR-}${PREFIX:-/usr/local}

folder() { # folder PROGRAM
  case $1 in
    hcctl | hctop | hcpcap) echo bin ;;
    *) echo sbin ;;
  esac
}
put() { # put MODE FILE TARGET
  mkdir -p "$(dirname "$3")"
  install -m "$1" "$2" "$3"
}
link() { # link TO TARGET
  mkdir -p "$(dirname "$2")"
  ln -sf "$1" "$2"
}
drop() { rm -f "$1"; }

each_program() { # each_program NAME|ALIAS:PROGRAM|SCRIPT:PATH
  name=${1%%:*} from=${1#*:}
  case $from in
    */*) target=$prefix/$(folder "$name")/$name source=$from ;;
    "$name") target=$prefix/$(folder "$name")/$name source=bin/$name ;;
    *) target=$prefix/$(folder "$from")/$name source='' ;;
  esac
  case $action in
    uninstall) drop "$target" ;;
    install) if [ -n "$source" ]; then put 755 "$source" "$target"; else link "$from" "$target"; fi ;;
  esac
}

each_page() { # each_page PAGE: hcd.8, hcd.conf.5
  page=$1 section=${1##*.}
  target=$prefix/share/man/man$section/$page.gz
  case $action in
    uninstall) drop "$target" ;;
    install)
      put 644 "tools/dist/man/$page" "${target%.gz}"
      gzip -9nf "${target%.gz}"
      ;;
  esac
}

each_page_alias() { # each_page_alias ALIAS PROGRAM: its page, and that of its configuration, lead to the program's
  for page in "$2".[0-9] "$2".conf.[0-9]; do
    page=$(cd tools/dist/man && echo $page)
    [ -e "tools/dist/man/$page" ] || continue
    section=${page##*.}
    target=$prefix/share/man/man$section/$1${page#"$2"}.gz
    case $action in
      uninstall) drop "$target" ;;
      install) link "$page.gz" "$target" ;;
    esac
  done
}

each_completion() { # each_completion FILE FOLDER NAME [ALIAS...]: made for a shell, and under the names that it looks for
  file=$1 at=$prefix/share/$2 name=$3
  shift 3
  for item in "$name" "$@"; do
    case $action in
      uninstall) drop "$at/$item" ;;
      install) if [ "$item" = "$name" ]; then put 644 "$file" "$at/$item"; else link "$name" "$at/$item"; fi ;;
    esac
  done
}

case $action in
  install | uninstall) ;;
  *) echo "usage: install.sh install|uninstall NAME..." >&2; exit 1 ;;
esac
for item in "$@"; do each_program "$item"; done
for page in tools/dist/man/*.[0-9]; do [ ! -e "$page" ] || each_page "${page##*/}"; done
for item in "$@"; do
  case $item in
    *:*/*) ;;
    *:*) each_page_alias "${item%%:*}" "${item#*:}" ;;
  esac
done
each_completion bin/completion/hcctl.bash bash-completion/completions hcctl hoststatectl relayctl
case ${PREFIX:-/usr/local} in
  /usr) functions=vendor-completions ;; # Debian's zsh looks there
  *) functions=site-functions ;;
esac
each_completion bin/completion/hcctl.zsh zsh/$functions _hcctl
case $action in
  uninstall) drop "$prefix/share/hcd/grafana.json" ;;
  install) put 644 tools/dist/grafana/hcd.json "$prefix/share/hcd/grafana.json" ;;
esac
if [ "$action" = install ]; then
  mkdir -p "${DESTDIR-}/etc/hcd"
  [ -n "${DESTDIR-}" ] || tools/dist/users.sh
fi
