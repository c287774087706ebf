namespace ServerlessLoki.Azure.Tests;

public sealed class ClaimCheckTests
{
    [Theory]
    [InlineData(0, false)]
    [InlineData(204_800, false)]
    [InlineData(204_801, true)]
    [InlineData(262_144, true)]
    public void IsNeeded_BySize_LeavesRoomInAMessage(long bytes, bool expected) => Assert.Equal(expected, ClaimCheck.IsNeeded(bytes));
}
