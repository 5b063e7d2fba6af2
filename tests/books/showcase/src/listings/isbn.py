"""书号的校验，供正文引用。"""

def 校验(书号: str) -> bool:
    """各位依次乘以 1、3、1、3……再相加。"""
    数字 = [int(字) for 字 in 书号 if 字.isdigit()]
    权 = [1, 3] * 6 + [1]
    和 = sum(w * d for w, d in zip(权, 数字))
    return len(数字) == 13 and 和 % 10 == 0


if __name__ == "__main__":
    print(校验("978-7-000-00000-1"))
