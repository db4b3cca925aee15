from importlib.metadata import version


def main():
    print("iniconfig", version("iniconfig"))
