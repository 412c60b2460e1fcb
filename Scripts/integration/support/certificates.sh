#!/bin/sh
# Certificates for tests: an authority of our own, and what it signed.
#
#   certificates.sh DIR   makes ca, good and renewed (localhost), wronghost and expired, each .pem and .key
set -eu
mkdir -p "$1"
cd "$1"
new="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
exec 2>openssl.log
# shellcheck disable=SC2086  # several options
openssl req -x509 $new -sha256 -days 3650 -keyout ca.key -out ca.pem -subj /CN=care-test-ca \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
# request NAME SUBJECT-ALTERNATIVE-NAMES
request() {
    # shellcheck disable=SC2086
    openssl req -new $new -keyout "$1.key" -out "$1.csr" -subj "/CN=$1"
    printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\nbasicConstraints=CA:FALSE\n' "$2" >"$1.ext"
}
for name in good renewed wronghost; do
    [ $name = wronghost ] && names=DNS:other.example || names=DNS:localhost,IP:127.0.0.1
    request $name $names
    openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 365 -sha256 -extfile $name.ext -out $name.pem
done
request expired DNS:localhost,IP:127.0.0.1
: >index.txt
echo 01 >serial
printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' >ca.cnf
openssl ca -batch -notext -config ca.cnf -cert ca.pem -keyfile ca.key -startdate 20200101000000Z -enddate 20200201000000Z \
    -extfile expired.ext -in expired.csr -out expired.pem
