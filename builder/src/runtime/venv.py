

class EnvBuilder(EnvBuilder):
    """As CPython's. An interpreter that was copied, not linked, needs a copy of its library, too."""

    def setup_python(self, context):
        super().setup_python(context)
        if os.path.islink(context.env_exe):
            return
        source, target = (os.path.join(place, "lib") for place in (sys.base_prefix, context.env_dir))
        for name in os.listdir(source):
            if name.startswith("libpython"):
                os.makedirs(target, exist_ok=True)
                shutil.copy2(os.path.join(source, name), target)
