using System.Text.Json.Serialization;

namespace ServerlessLoki.Cli.Demo;

/// <summary>Promise of the product with the demo's verdict.</summary>
/// <param name="Text">Text of the promise.</param>
/// <param name="Held">True when it was held.</param>
/// <param name="Figure">Measured figure.</param>
/// <param name="NotJudged">Reason why a promise that was not held is not judged: other processes used the cores. Null when it was held, or
/// is judged.</param>
internal sealed record Promise(string Text, bool Held, string Figure, string? NotJudged = null)
{
    /// <summary>True when the promise was not held and is judged.</summary>
    public bool Broken => !Held && NotJudged is null;

    /// <summary>Mark before the promise's line.</summary>
    [JsonIgnore]
    public string Mark => Held ? "✓" : Broken ? "✗" : "?";

    /// <summary>Measured figure, with the reason where it is not judged.</summary>
    [JsonIgnore]
    public string Outcome => NotJudged is null ? Figure : $"{Figure}, not judged: {NotJudged}";
}
