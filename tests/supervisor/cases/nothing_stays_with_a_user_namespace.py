# Interpreters of binfmt_misc would be registered for the checks that follow.
os.mkdir("/binfmt")
refused(errno.EPERM, mount, "binfmt_misc", "/binfmt", "binfmt_misc")
refused(errno.EPERM, fsopen, "binfmt_misc")
