using ServerlessLoki.Serving.Protocol;

namespace ServerlessLoki.Serving.Tests.Protocol;

public class OutputSelectionTests
{
    private static readonly OutputTensor s_score = new("t.score", Datatype.Fp32, [1], new byte[4]) { NeedsScores = true };

    [Theory]
    [InlineData("t.probabilities", null)]
    [InlineData("t.score", 2)]
    public void Of_OutputThatTheAnswerLacks_IsAFaultAndNotLeftOut(string name, int? classes)
    {
        var fault = Assert.Throws<ApiFaultException>(() => OutputSelection.Of([s_score], [new RequestedOutput(name, null, classes)], binary: false));
        Assert.Equal(500, fault.Status);
        Assert.StartsWith($"'{name}' is not in the answer", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_OutputThatIsThere_IsGiven() =>
        Assert.Equal("t.score", Assert.Single(OutputSelection.Of([s_score], [new RequestedOutput("t.score", null)], binary: false)).Tensor.Name);
}
