import iniconfig


def main():
    print(iniconfig.__file__)
