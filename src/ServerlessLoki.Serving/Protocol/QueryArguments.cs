using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>What one query brings for the parameters that its pipeline declares: in the body, else in the URL, else the default.</summary>
/// <param name="pipeline">The pipeline.</param>
/// <param name="given">Values of the URL by name; null = none.</param>
internal sealed class QueryArguments(Pipeline pipeline, ImmutableDictionary<string, string>? given)
{
    private readonly string?[] _values = new string?[pipeline.Parameters.Length];

    /// <summary>The values, each a text of its parameter's name; valid after <see cref="End"/>.</summary>
    public ImmutableArray<TensorPart> Parts { get; private set; } = [];

    /// <summary>Bytes that the values hold.</summary>
    public long Bytes => Parts.Sum(static p => (long)p.Bytes.Length);

    /// <summary>One for a pipeline that declares parameters; null for others, which pay nothing.</summary>
    public static QueryArguments? Of(Pipeline pipeline, InferHeaders headers) => pipeline.Parameters.IsEmpty ? null : new QueryArguments(pipeline, headers.Arguments);

    /// <summary>Those of the URL's values that a pipeline declares.</summary>
    public static ImmutableDictionary<string, string>? Declared(Pipeline pipeline, ImmutableDictionary<string, string>? given) =>
        given?.Where(v => pipeline.Parameters.Any(p => p.Name == v.Key)).ToImmutableDictionary(StringComparer.Ordinal) is { IsEmpty: false } declared ? declared : null;

    /// <summary>Reads the value at a property's name, if that is a parameter; else leaves the reader there.</summary>
    public bool TryRead(ref Utf8JsonReader reader, FaultList faults)
    {
        for (var i = 0; i < _values.Length; i++)
        {
            var parameter = pipeline.Parameters[i];
            if (!reader.ValueTextEquals(parameter.Name))
                continue;
            reader.Read();
            _values[i] = Read(ref reader, parameter, faults);
            return true;
        }

        return false;
    }

    /// <summary>Notes each value that is missing or not allowed.</summary>
    public void End(FaultList faults)
    {
        var parts = ImmutableArray.CreateBuilder<TensorPart>(_values.Length);
        for (var i = 0; i < _values.Length; i++)
        {
            var parameter = pipeline.Parameters[i];
            var path = $"$.parameters.{parameter.Name}";
            var value = _values[i] ?? given?.GetValueOrDefault(parameter.Name) ?? parameter.Default;
            if (value is null)
                faults.Add(path, $"missing; pipeline '{pipeline.Name}' needs {parameter.Allowed}");
            else if (_values[i] is null && !parameter.Takes(value))
                faults.Add(path, Found(value, parameter));
            else
                parts.Add(new TensorPart(parameter.Name, "BYTES", [1], Element(value)));
        }

        foreach (var name in given?.Keys.Except([.. pipeline.Parameters.Select(static p => p.Name), .. RequestParameters.OfUrl], StringComparer.Ordinal) ?? [])
            faults.Add($"?{name}", $"pipeline '{pipeline.Name}' declares no such parameter; it declares {string.Join(", ", pipeline.Parameters.Select(static p => p.Name))}");
        Parts = parts.ToImmutable();
    }

    /// <summary>A value as text; what is not allowed is noted, and stands for no missing one.</summary>
    private static string Read(ref Utf8JsonReader reader, PipelineParameter parameter, FaultList faults)
    {
        var path = $"$.parameters.{parameter.Name}";
        var isOfKind = parameter.Kind switch
        {
            ParameterKind.Text => reader.TokenType == JsonTokenType.String,
            ParameterKind.Boolean => reader.TokenType is JsonTokenType.True or JsonTokenType.False,
            _ => reader.TokenType == JsonTokenType.Number,
        };
        // Six bytes is the longest escape of one character: what is longer is not even unescaped.
        if (!isOfKind || reader.ValueSpan.Length > 6 * PipelineParameter.MostCharacters)
        {
            faults.Add(path, isOfKind ? $"too long, expected {parameter.Allowed}" : $"found {JsonText.Found(ref reader)}, expected {parameter.Allowed}");
            reader.Skip();
            return "";
        }

        var value = parameter.Kind == ParameterKind.Text ? reader.GetString()! : Encoding.UTF8.GetString(reader.ValueSpan);
        if (!parameter.Takes(value))
            faults.Add(path, Found(value, parameter));
        return value;
    }

    private static string Found(string value, PipelineParameter parameter) => parameter.Kind == ParameterKind.Text
        ? $"found {value.Length} characters, expected {parameter.Allowed}"
        : $"found {(value.Length > 32 ? value[..32] + "…" : value)}, expected {parameter.Allowed}";

    private static byte[] Element(string value)
    {
        using var bytes = new MemoryStream();
        TextElements.Add(bytes, value);
        return bytes.ToArray();
    }
}
