using System.Text.Json.Serialization;

namespace ServerlessLoki.Cli.Demo;

/// <summary>Something the product promises, and whether the demo saw it held.</summary>
/// <param name="Text">The promise.</param>
/// <param name="Held">True when it was held.</param>
/// <param name="Figure">What was measured.</param>
/// <param name="NotJudged">Why it says nothing that the promise was not held: others had the cores. Null when it was held, or when it does.</param>
internal sealed record Promise(string Text, bool Held, string Figure, string? NotJudged = null)
{
    /// <summary>True when it was not held and nothing excuses that.</summary>
    public bool Broken => !Held && NotJudged is null;

    /// <summary>The mark before its line.</summary>
    [JsonIgnore]
    public string Mark => Held ? "✓" : Broken ? "✗" : "?";

    /// <summary>What was measured, and why that is not judged.</summary>
    [JsonIgnore]
    public string Outcome => NotJudged is null ? Figure : $"{Figure}, not judged: {NotJudged}";
}
