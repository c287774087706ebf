using System.Globalization;

namespace ServerlessLoki.Pipelines;

/// <summary>A value that queries bring beside their input, such as the question to a document.</summary>
/// <param name="Name">Key in a request's <c>parameters</c>.</param>
/// <param name="Kind">What values it has.</param>
public sealed record PipelineParameter(string Name, ParameterKind Kind)
{
    /// <summary>Most characters of all texts of a pipeline together: they travel in each message of a query.</summary>
    public const int MostCharacters = 8192;

    /// <summary>Most characters of a text where the file says nothing.</summary>
    public const int UsualCharacters = 1000;

    /// <summary>Most characters of a text.</summary>
    public int MaxLength { get; init; } = UsualCharacters;

    /// <summary>Least number.</summary>
    public double Min { get; init; } = double.MinValue;

    /// <summary>Largest number.</summary>
    public double Max { get; init; } = double.MaxValue;

    /// <summary>The value of a query that brings none; null = every query brings one.</summary>
    public string? Default { get; init; }

    /// <summary>What is allowed, for messages.</summary>
    public string Allowed => Kind switch
    {
        ParameterKind.Text => $"a text of 1 to {MaxLength} characters",
        ParameterKind.Boolean => "true or false",
        _ => $"{(Kind == ParameterKind.Integer ? "a whole number" : "a number")}{(Min > double.MinValue ? string.Create(CultureInfo.InvariantCulture, $" of at least {Min}") : "")}{(Max < double.MaxValue ? string.Create(CultureInfo.InvariantCulture, $" and at most {Max}") : "")}",
    };

    /// <summary>True for a value that queries may bring.</summary>
    public bool Takes(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Kind switch
        {
            ParameterKind.Text => value.Length > 0 && value.Length <= MaxLength,
            ParameterKind.Boolean => value is "true" or "false",
            _ => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= Min && number <= Max
                && (Kind == ParameterKind.Number || number == Math.Floor(number)),
        };
    }
}
