"""How is what was stored kept sound: read again, swept, and regrouped?"""
