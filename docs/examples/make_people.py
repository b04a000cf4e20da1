#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Prints the CSV file that the guide's reader reads: people with their cities, the same ones each time."""

import random
import sys

NAMES = "Anna Lind", "Ben Okafor", "Chen Wei", "Dora Quist", "Emil Sand"
CITIES = "Oslo", "Berlin", "Paris", "Rome", "Madrid", "Vienna", "Lisbon"
STREETS = "Long Street", "Harbour Road", "Station Square", "Mill Lane"

chance = random.Random(1)
for number in range(int(sys.argv[1]) if len(sys.argv) > 1 else 40_000):
    street = f"{chance.choice(STREETS)} {chance.randrange(1, 200)}, second floor".replace(",", " /")
    print(100_000 + number, f"{chance.choice(NAMES)} {chance.randrange(1000)}", chance.choice(CITIES), street,
          f"{chance.randrange(10**7) / 100:.2f}", sep=",")
