using ServerlessLoki.Serving.Slots;

namespace ServerlessLoki.Serving.Tests.Slots;

public sealed class OutputHealthTests
{
    [Theory]
    [InlineData("bbbbbbbb", 8)]
    [InlineData("bbbbbbb", 0)]
    [InlineData("gbgbgbgbgbgbgbgbgbgbgbgbgbgbgb", 10)]
    [InlineData("bggbggbggbggbggbggbggbgg", 0)]
    [InlineData("bbgbbgbbg", 8)]
    [InlineData("ggggggggggggggggbbbbbbbb", 24)]
    [InlineData("bggggggggggggggggbbbbbbb", 0)]
    [InlineData("bbbbbbbbbbbbbbbb", 8)]
    public void Saw_MostOfTheRecentRowsAreBad_SaysSoOnce(string rows, int first)
    {
        var health = new OutputHealth();
        var said = rows.Select((row, i) => (Place: i + 1, IsUnfit: health.Saw(row == 'g'))).Where(r => r.IsUnfit).Select(r => r.Place).FirstOrDefault();
        Assert.Equal(first, said);
    }

    [Fact]
    public void IsDue_ManyTimesInTenSeconds_IsOnceWithTheCount()
    {
        var log = new SparseLog();
        Assert.True(log.IsDue(5, 2, out var count));
        Assert.Equal(2, count);
        Assert.False(log.IsDue(6, 3, out _));
        Assert.False(log.IsDue(10_000_004, 1, out _));
        Assert.True(log.IsDue(10_000_005, 1, out count));
        Assert.Equal(5, count);
    }
}
