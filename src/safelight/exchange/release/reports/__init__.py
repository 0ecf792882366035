"""How does somebody who treats a patient add a report to an exam, signed, and add to it later?"""
