"""A small summary of a small table, and enough linear algebra to need numpy's own libraries."""

import numpy
import pandas


def main():
    frame = pandas.DataFrame(
        {
            "station": ["Tokyo", "Tokyo", "Sendai", "Sendai", "Toyama"],
            "sold": [120, 80, 60, 45, 30],
            "yen": [1850, 1000, 1500, 1380, 2000],
        }
    )
    frame["turnover"] = frame["sold"] * frame["yen"]
    summary = frame.groupby("station").agg(sold=("sold", "sum"), turnover=("turnover", "sum"))
    print(summary.to_string())
    solution = numpy.linalg.solve(numpy.array([[3.0, 1.0], [1.0, 2.0]]), numpy.array([9.0, 8.0]))
    print("solution", solution.round(6).tolist())
    print("numpy", numpy.__version__.rsplit(".", 1)[0], "pandas", pandas.__version__.rsplit(".", 1)[0])
