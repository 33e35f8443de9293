def test_the_page_opens(farm):
    answer = farm.browser().get(f"/posts/{farm.post.pk}/edit/")
    assert answer.status_code == 200, answer.content.decode()[:3000]


def test_saving(farm, save):
    answer = save(text="Новый текст " * 40)
    assert answer.status_code == 200, answer.content.decode()[:3000]
    data = answer.json()
    assert data["version"] == 2
    assert data["over"]
