"""A departure board with a window of wxPython: native widgets, and a canvas that it paints itself."""

import wx

NIGHT, AMBER, DELAYED = "#102040", "#f0a020", "#d03030"
TRAINS = [("08:20", "Hayabusa 1", "Shin-Aomori"), ("08:40", "Komachi 5", "Akita"), ("09:08", "Kagayaki 501", "Kanazawa")]


class Board(wx.Frame):
    def __init__(self):
        super().__init__(None, title="Departures", pos=(60, 60), size=(480, 320))
        panel = wx.Panel(self)
        self.delayed = False
        self.canvas = wx.Panel(panel, size=(-1, 160), style=wx.BORDER_NONE)
        self.canvas.SetBackgroundStyle(wx.BG_STYLE_PAINT)
        self.canvas.Bind(wx.EVT_PAINT, self.on_paint)
        self.choice = wx.Choice(panel, choices=[train for _, train, _ in TRAINS])
        self.choice.SetSelection(1)
        self.button = wx.Button(panel, label="Report a &delay")
        self.button.Bind(wx.EVT_BUTTON, self.on_delay)
        rows = wx.BoxSizer(wx.VERTICAL)
        rows.Add(self.canvas, 0, wx.EXPAND)
        rows.Add(self.choice, 0, wx.EXPAND | wx.ALL, 10)
        rows.Add(self.button, 0, wx.LEFT | wx.BOTTOM, 10)
        panel.SetSizer(rows)
        self.Bind(wx.EVT_CHAR_HOOK, self.on_key)
        self.Bind(wx.EVT_CLOSE, self.on_close)

    def on_paint(self, _event):
        context = wx.PaintDC(self.canvas)
        context.SetBackground(wx.Brush(NIGHT))
        context.Clear()
        context.SetFont(wx.Font(wx.FontInfo(14).Bold()))
        for row, (time, train, to) in enumerate(TRAINS):
            late = self.delayed and row == self.choice.GetSelection()
            context.SetTextForeground(DELAYED if late else AMBER)
            context.DrawText(f"{time}   {train}   {to}", 56, 20 + 44 * row)
            context.SetPen(wx.TRANSPARENT_PEN)
            context.SetBrush(wx.Brush(DELAYED if late else AMBER))
            context.DrawRectangle(16, 20 + 44 * row, 24, 24)

    def on_delay(self, _event):
        self.delayed = True
        self.canvas.Refresh()
        self.canvas.Update()
        print("delayed", TRAINS[self.choice.GetSelection()][1])

    def on_key(self, event):
        if event.GetKeyCode() == wx.WXK_ESCAPE:
            self.Close()
        else:
            event.Skip()

    def on_close(self, event):
        print("closed")
        event.Skip()

    def places(self):
        """Says where there is something to see."""
        for row in range(len(TRAINS)):
            print("place", f"train{row}", *self.canvas.ClientToScreen((28, 32 + 44 * row)))
        width, height = self.button.GetSize()
        print("place", "button", *self.button.ClientToScreen((width // 2, height // 2)))
        print("ready", wx.version())


def main():
    app = wx.App(redirect=False)
    board = Board()
    board.Show()
    wx.CallLater(1, board.places)
    app.MainLoop()
