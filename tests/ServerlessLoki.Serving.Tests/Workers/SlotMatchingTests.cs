using ServerlessLoki.Serving.Workers;

namespace ServerlessLoki.Serving.Tests.Workers;

public class SlotMatchingTests
{
    private static readonly VariantId A = new(0, 0, 0);
    private static readonly VariantId B = new(0, 1, 0);

    [Fact]
    public void Match_PlaceLeftForEach_MovesNobody()
    {
        VariantId?[] current = [A, B, A, null];
        Assert.Equal(current, SlotMatching.Match(current, new Dictionary<VariantId, int> { [A] = 2, [B] = 1 }));
    }

    [Fact]
    public void Match_OneMoreOfB_MovesOneSlotOnly()
    {
        var next = SlotMatching.Match([A, A, A, B], new Dictionary<VariantId, int> { [A] = 2, [B] = 2 });
        Assert.Equal([A, A, B, B], next);
    }

    [Fact]
    public void Match_MoreThanSlots_FillsWhatThereIs()
    {
        var next = SlotMatching.Match([null, null], new Dictionary<VariantId, int> { [A] = 5 });
        Assert.Equal([A, A], next);
    }
}
