#!/usr/bin/python3
import json, sys, urllib.request, uuid
from websocket import create_connection  # sudo apt-get install python3-websocket

url, sockets = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080", {}

def post(path, body, **headers):
    headers["Content-Type"] = "application/json"
    return json.load(urllib.request.urlopen(urllib.request.Request(url + path, json.dumps(body).encode(), headers)))

def ask(name, **message):  # … and print all that this player sees up to the answer
    sockets[name].send(json.dumps(message))
    answered = False
    while not answered:
        frame = json.loads(sockets[name].recv())
        for seen in frame if isinstance(frame, list) else [frame]:
            print(f"{name} sees {seen['ev']}: {seen.get('data') or seen.get('you') or seen.get('error')}")
            answered = answered or seen.get("id") == message.get("id")
            if seen["ev"] == "error":
                sys.exit(1)

def act(name, op, **data):
    ask(name, op=op, id=uuid.uuid4().hex, data=data)

tokens = {name: post("/v1/players", {"name": name})["token"] for name in ("Ann", "Bob")}
game = {"name": "First game", "system": "cards-52", "visibility": "public"}
table = post("/v1/tables", game, Authorization=f"Bearer {tokens['Ann']}")["id"]
for name, seat in ("Ann", "s1"), ("Bob", "s2"):
    address = f"ws{url.removeprefix('http')}/v1/tables/{table}/ws"
    sockets[name] = create_connection(address, subprotocols=["tableforge.v1+json"], timeout=10)
    ask(name, op="hello", token=tokens[name], client=uuid.uuid4().hex)
    act(name, "seat.take", seat=seat)
act("Ann", "zone.shuffle", zone="deck")
for name in "Ann", "Bob":
    act(name, "zone.draw", **{"from": "deck", "count": 1})
act("Bob", "dice.roll", notation="2d6", to="all")
act("Ann", "chat.say", text="Well rolled!")
