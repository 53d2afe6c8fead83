"""One layer's attention, head by head: the head view, opened on a strong link between two words."""

from .head_view import HeadView, head_view
from .inputs import maps_of, telling_link


def attention_explorer(attentions, tokens, *, layer=None, head=None, query=None, key=None) -> HeadView:
    """Choose a layer, a head and a token, and see what that token reads.

    Parameters
    ----------
    attentions, tokens, key
        As for every explorer, see `rollout_lab.explorers`.
    layer, head, query : int, optional
        Where to open: layer and head count from 1, head 0 is the mean of all, `query` is the row's position.
        Left out, it opens on the strongest link between two words.

    Examples
    --------
    >>> from rollout_lab.models import paper_example
    >>> example = paper_example()
    >>> attention_explorer(example.attentions, example.tokens, layer=2, query=1).sentence
    'In layer 2, “B” reads most from “B” 0.50, “C” 0.50, and 0.50 from itself.'
    """
    maps, tokens = maps_of(attentions, tokens)
    start = telling_link(maps, tokens)
    where = {"layer": start[0] + 1, "head": start[1] + 1, "query": start[2]}
    given = {"layer": layer, "head": head, "query": query}
    where |= {name: value for name, value in given.items() if value is not None}
    return head_view(maps, tokens, **where, key=key)
