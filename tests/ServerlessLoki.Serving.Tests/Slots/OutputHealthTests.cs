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
}
