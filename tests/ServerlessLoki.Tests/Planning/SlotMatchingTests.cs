using ServerlessLoki.Planning;

namespace ServerlessLoki.Tests.Planning;

public class SlotMatchingTests
{
    private const int A = 3;
    private const int B = 7;

    [Fact]
    public void Match_PlaceLeftForEach_MovesNobody()
    {
        int?[] current = [A, B, A, null];
        Assert.Equal(current, SlotMatching.Match(current, new Dictionary<int, int> { [A] = 2, [B] = 1 }));
    }

    [Fact]
    public void Match_OneMoreOfB_MovesOneSlotOnly()
    {
        var next = SlotMatching.Match<int>([A, A, A, B], new Dictionary<int, int> { [A] = 2, [B] = 2 });
        Assert.Equal(new int?[] { A, A, B, B }, next);
    }

    [Fact]
    public void Match_MoreThanSlots_FillsWhatThereIs()
    {
        var next = SlotMatching.Match<int>([null, null], new Dictionary<int, int> { [A] = 5 });
        Assert.Equal(new int?[] { A, A }, next);
    }
}
