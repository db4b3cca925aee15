def open_():
    print("open")


def close():
    print("closed")
