"""A test authority and a chain of the kind AWS endpoints present: RSA 2048, one in between."""

import subprocess
from pathlib import Path

SYSTEM_ROOTS = Path("/etc/ssl/certs/ca-certificates.crt")


def make(folder, amazon_roots):
    """Writes chain.pem and key.pem for localhost, and the two bundles that trust it.

    lean.pem: Amazon's roots and the test root, as many as our functions parse.
    system.pem: the system's roots and the test root, as the default SDK parses.
    """
    _openssl(folder, "req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=root -keyout root.key -out root.pem"
                     " -addext basicConstraints=critical,CA:true")
    _issue(folder, "between", "root", "basicConstraints=critical,CA:true")
    _issue(folder, "leaf", "between", "subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth")
    (folder / "chain.pem").write_text(_texts(folder / "leaf.pem", folder / "between.pem"))
    (folder / "leaf.key").rename(folder / "key.pem")
    (folder / "lean.pem").write_text(_texts(*sorted(amazon_roots.glob("*.pem")), folder / "root.pem"))
    (folder / "system.pem").write_text(_texts(SYSTEM_ROOTS, folder / "root.pem"))


def _issue(folder, name, issuer, extensions):
    (folder / f"{name}.ext").write_text(extensions + "\n")
    _openssl(folder, f"req -newkey rsa:2048 -nodes -subj /CN={name} -keyout {name}.key -out {name}.csr")
    _openssl(folder, f"x509 -req -in {name}.csr -CA {issuer}.pem -CAkey {issuer}.key -CAcreateserial"
                     f" -days 30 -extfile {name}.ext -out {name}.pem")


def _openssl(folder, arguments):
    subprocess.run(["openssl", *arguments.split()], cwd=folder, check=True, capture_output=True)


def _texts(*files):
    return "".join(file.read_text() for file in files)
