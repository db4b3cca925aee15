"""What is sold where. A short list, so that the app works without a network."""

from typing import NamedTuple


class Meal(NamedTuple):
    name: str
    inside: str
    yen: int


MEALS = {
    "Tokyo": [
        Meal("Tokyo Bento", "salmon, tamagoyaki, beef with burdock", 1850),
        Meal("Chicken Bento", "ketchup rice, fried chicken, smoked cheese", 1000),
        Meal("Fukagawa Meshi", "rice with clams and conger eel", 1080),
    ],
    "Sendai": [
        Meal("Gyutan Bento", "grilled beef tongue, barley rice, heats itself", 1500),
        Meal("Harako Meshi", "salmon and salmon roe on seasoned rice", 1380),
    ],
    "Yokokawa": [
        Meal("Toge no Kamameshi", "chicken, quail egg and chestnut, in a clay pot", 1400),
    ],
    "Toyama": [
        Meal("Masu no Sushi", "pressed trout sushi in bamboo leaves", 2000),
    ],
}
