"""A turtle's drawing: a round line, filled."""

import tkinter
import turtle

RAILS, MEADOW, SKY = "#604020", "#40a040", "#a0d0f0"


def show(root):
    canvas = tkinter.Canvas(root, width=460, height=300, highlightthickness=0)
    canvas.pack()
    screen = turtle.TurtleScreen(canvas)
    screen.bgcolor(SKY)
    screen.tracer(0)
    pen = turtle.RawTurtle(screen, visible=False)
    pen.color(RAILS, MEADOW)
    pen.pensize(8)
    pen.penup()
    pen.goto(0, -100)
    pen.pendown()
    pen.begin_fill()
    pen.circle(100)
    pen.end_fill()
    screen.update()
    root.update()
    x, y = canvas.winfo_rootx() + canvas.winfo_width() // 2, canvas.winfo_rooty() + canvas.winfo_height() // 2
    for name, dx, dy in (("meadow", 0, 0), ("rails", 0, 100), ("sky", 200, 120)):
        print("place", name, x + dx, y + dy)
    root.bind("<Escape>", lambda _event: root.destroy())
