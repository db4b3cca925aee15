"""Themed widgets: choose a train, sell a ticket for it with the mouse or the Return key, close with Escape."""

import tkinter
from tkinter import ttk

from booth.app import places

TRAINS = {"Hayabusa 1": "Shin-Aomori", "Komachi 5": "Akita", "Kagayaki 501": "Kanazawa"}
SOLD_OUT, SOLD = "#c02040", "#208040"


def show(root):
    root.columnconfigure(1, weight=1)
    root.rowconfigure(3, weight=1)
    train = tkinter.StringVar(value="Komachi 5")
    ttk.Label(root, text="Train").grid(row=0, column=0, padx=10, pady=8, sticky="w")
    ttk.Combobox(root, textvariable=train, values=list(TRAINS), state="readonly").grid(row=0, column=1, sticky="ew")
    ttk.Label(root, text="Sold").grid(row=1, column=0, padx=10, pady=8, sticky="w")
    bar = ttk.Progressbar(root, maximum=4)
    bar.grid(row=1, column=1, sticky="ew")
    lamp = tkinter.Canvas(root, width=60, height=60, background=SOLD_OUT, highlightthickness=0)
    lamp.grid(row=0, column=2, rowspan=2, padx=10, pady=8)
    sold = ttk.Treeview(root, columns=("to", "seat"), height=5)
    for column, title in (("#0", "Train"), ("to", "To"), ("seat", "Seat")):
        sold.heading(column, text=title)
        sold.column(column, width=120)
    sold.grid(row=3, column=0, columnspan=3, padx=10, pady=4, sticky="nsew")

    def sell(_event=None):
        number = len(sold.get_children()) + 1
        sold.insert("", "end", text=train.get(), values=(TRAINS[train.get()], f"{number}A"))
        bar["value"] = number
        lamp["background"] = SOLD
        root.update()
        print("sold", number, train.get(), TRAINS[train.get()])

    button = ttk.Button(root, text="Sell", command=sell)
    button.grid(row=2, column=1, pady=4)
    root.bind("<Return>", sell)
    root.bind("<Escape>", lambda _event: root.destroy())
    print("theme", ttk.Style().theme_use())
    root.update()
    places(button=button, lamp=lamp)
