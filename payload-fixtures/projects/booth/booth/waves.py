"""A picture that numpy has computed, and enough linear algebra to need its own libraries."""

import tkinter

import numpy

WIDTH, HEIGHT, ABOVE = 400, 240, 20_000
LAND, SEA = (192, 144, 48), (32, 64, 160)


def show(root):
    heights = numpy.outer(numpy.arange(HEIGHT), numpy.arange(WIDTH))
    pixels = numpy.where((heights > ABOVE)[..., None], numpy.uint8(LAND), numpy.uint8(SEA))
    picture = tkinter.PhotoImage(data=b"P6 %d %d 255\n" % (WIDTH, HEIGHT) + pixels.tobytes())
    label = tkinter.Label(root, image=picture, borderwidth=0)
    label.picture = picture
    label.pack()
    random = numpy.random.default_rng(5)
    matrix = random.normal(size=(60, 60))
    inverse = numpy.linalg.inv(matrix)
    print("inverse", bool(numpy.allclose(matrix @ inverse, numpy.eye(60))))
    print("eigenvalues", numpy.linalg.eigvalsh([[2.0, 1.0], [1.0, 2.0]]).round(9).tolist())
    print("spectrum", numpy.abs(numpy.fft.rfft(numpy.cos(numpy.arange(64) * numpy.pi / 4))).argmax())
    root.bind("<Escape>", lambda _event: root.destroy())
