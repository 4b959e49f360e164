"""Certificates for the tests, all made by openssl."""
import subprocess

DEADLINE = 30


class Certificates:
    """An authority, a server of 127.0.0.1 and a client, all made by openssl."""

    def __init__(self, folder):
        self.folder = folder
        self._key("ca")
        self._openssl("req", "-x509", "-new", "-key", self.path("ca.key"), "-subj", "/CN=Test authority", "-days", "2",
                      "-out", self.path("ca.pem"))
        self.issue("server", "/CN=localhost", "subjectAltName=IP:127.0.0.1,DNS:localhost")
        self.issue("alice", "/C=GB/O=Pins, Inc./CN=alice", "extendedKeyUsage=clientAuth")
        self.keystore = self.path("server.keystore.pem")
        with open(self.keystore, "w", encoding="ascii") as out:
            for name in ("server.key", "server.pem", "ca.pem"):
                out.write(open(self.path(name), encoding="ascii").read())

    def path(self, name):
        return str(self.folder / name)

    def issue(self, name, subject, extension):
        self._key(name)
        self._openssl("req", "-new", "-key", self.path(f"{name}.key"), "-subj", subject, "-out", self.path(f"{name}.csr"))
        (self.folder / "extensions").write_text(extension)
        self._openssl("x509", "-req", "-in", self.path(f"{name}.csr"), "-CA", self.path("ca.pem"), "-CAkey",
                      self.path("ca.key"), "-days", "2", "-extfile", self.path("extensions"), "-out",
                      self.path(f"{name}.pem"))

    def _key(self, name):
        self._openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.path(f"{name}.key"))

    @staticmethod
    def _openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=DEADLINE)
