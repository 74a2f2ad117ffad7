# shellcheck shell=bash
# What the tests of checks over TLS share, besides lib.sh: certificates, openssl's server on srv1, and tables that check it.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
number=0

pki_up() { # a lab, and a place for certificates
  lab_up
  DIR=$LAB_RUN/pki
  mkdir "$DIR" "$DIR/new" "$DIR/www"
}

authority() { # authority NAME
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$1" \
    -keyout "$DIR/$1.key" -out "$DIR/$1.pem" 2>/dev/null || fail "no CA $1"
}
issue() { # issue NAME CA DNS-NAME [FROM UNTIL]
  local valid=(-days 10)
  [ $# -lt 5 ] || valid=(-startdate "$4" -enddate "$5")
  : >"$DIR/index"
  cat >"$DIR/ca.cnf" <<CONF
[ca]
default_ca = it
[it]
database = $DIR/index
new_certs_dir = $DIR/new
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = of
[any]
commonName = supplied
[of]
subjectAltName = DNS:$3
CONF
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$DIR/$1.key" \
    -out "$DIR/$1.csr" 2>/dev/null || fail "no request for $1"
  openssl ca -batch -notext -config "$DIR/ca.cnf" -cert "$DIR/$2.pem" -keyfile "$DIR/$2.key" -in "$DIR/$1.csr" \
    -out "$DIR/$1.pem" "${valid[@]}" 2>/dev/null || fail "no certificate for $1"
}
serve() { # serve PORT CERTIFICATE [OPTIONS of s_server]
  env -C "$DIR/www" "${ENTER[@]}" srv1 openssl s_server -quiet -accept "$1" -cert "$DIR/$2.pem" -key "$DIR/$2.key" "${@:3}" </dev/null >/dev/null 2>&1 &
}
table() { # table PORT CHECK...
  number=$((number + 1))
  printf 'table t%d {\n    real port %d\n    check %s\n    host %s\n}\n' "$number" "$1" "${*:2}" "$LAB_SRV1_4"
  printf 'service s%d {\n    virtual host %s port %d\n    table t%d\n}\n' "$number" "$LAB_VIP4" $((7000 + number)) "$number"
}
