"""Write small 835 files whose counts and sums add up, one claim after another."""

from decimal import Decimal

HEAD = (
    "ISA*00*          *00*          *ZZ*LONEP          *ZZ*HARBOR         *261118*1200*^*00501*000000001*0*T*:~"
    "GS*HP*LONEP*HARBOR*20261118*1200*1*X*005010X221A1~"
)


def claim(number, status, charged, paid, lines, *, patient="0", control="LP-1", remarks=""):
    """One CLP with its lines: (procedure with modifiers by ':', charged, paid, 'CO*197*412;PR*1*10', 'N54')."""
    out = [
        f"CLP*{number}*{status}*{charged}*{paid}*{patient}*12*{control}*11*1",
        "NM1*QC*1*CASTELLANO*RENATA****MI*LPX",
    ]
    out += [f"MOA***{remarks}"] if remarks else []
    for procedure, line_charged, line_paid, reasons, rarc in lines:
        out += [f"SVC*HC:{procedure}*{line_charged}*{line_paid}**1", "DTM*472*20261020"]
        out += [f"CAS*{reason}" for reason in reasons.split(";") if reason]
        out += [f"LQ*HE*{rarc}"] if rarc else []
    return out


def remittance(claims, *, trace="EFT-1", paid=None, provider=(), payer="LONE PRAIRIE INS", day="20261118"):
    """A whole file with one payment of these claims; `provider` holds PLB entries (reason:ref, amount)."""
    total = sum((Decimal(c[0].split("*")[4]) for c in claims), Decimal(0)) if paid is None else Decimal(paid)
    total -= sum((Decimal(amount) for _, amount in provider), Decimal(0))
    body = ["ST*835*0001", f"BPR*I*{total}*C*ACH*CCP*01*999999992*DA*1*1512345678**01*999988880*DA*2*{day}"]
    body += [f"TRN*1*{trace}*1512345678", f"DTM*405*{day}", f"N1*PR*{payer}", "N3*1 MAIN ST", "N4*AUSTIN*TX*73301"]
    body += ["PER*BL*EDI*TE*8005550100", "N1*PE*HARBOR LIGHT*XX*1234567893", "REF*TJ*123456789", "LX*1"]
    body += [segment for one in claims for segment in one]
    body += [f"PLB*1234567893*20261231*{reason}*{amount}" for reason, amount in provider]
    body += [f"SE*{len(body) + 1}*0001"]
    return (HEAD + "".join(f"{segment}~" for segment in body) + "GE*1*1~IEA*1*000000001~").encode()
