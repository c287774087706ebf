using ServerlessLoki.Cli.Evaluation;

namespace ServerlessLoki.Cli.Tests.Evaluation;

public sealed class TextScoresTests
{
    [Theory]
    [InlineData("kitten", "sitting", 1 - (3 / 7.0))]
    [InlineData("same", "same", 1)]
    [InlineData("", "word", 0)]
    [InlineData("much longer than it", "a", 0)]
    [InlineData("", "", 1)]
    [InlineData("né", "ne", 0.5)]
    public void Characters_CountsTheLeastEdits(string found, string right, double expected) => Assert.Equal(expected, TextScores.Characters(found, right), 9);

    [Theory]
    [InlineData("The red car.", "red  car", 1)]
    [InlineData("red cars", "red car", 0)]
    [InlineData("theory", "ory", 0)]
    public void Exact_IgnoresCasePunctuationAndArticles(string found, string right, double expected) => Assert.Equal(expected, TextScores.Exact(found, right));
}
