using System.Collections.Immutable;
using System.Globalization;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>Reads <c>parameters</c> of a pipeline file, and checks that tasks use what is declared and nothing else.</summary>
internal static class ParameterReader
{
    private const int MostCount = 32;
    private static readonly string[] s_types = ["text", "number", "integer", "boolean"];

    public static ImmutableArray<PipelineParameter> Read(JsonValue value)
    {
        var parameters = new List<PipelineParameter>();
        if (!value.IsObject)
            value.Fault("wrong type", null, "an object such as {\"question\": {\"type\": \"text\"}}");
        foreach (var (name, item) in value.Properties())
        {
            if (RequestParameters.Taken.Contains(name, StringComparer.Ordinal))
                item.Fault("requests give this name another meaning", $"\"{name}\"", $"none of {string.Join(", ", RequestParameters.Taken)}");
            else if (name.Length is 0 or > 64 || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
                item.Fault("not a parameter's name", $"\"{name}\"", "1 to 64 letters, digits, '_' or '-'");
            if (Parameter(name, item) is { } parameter)
                parameters.Add(parameter);
        }

        var characters = parameters.Where(static p => p.Kind == ParameterKind.Text).Sum(static p => (long)p.MaxLength);
        if (characters > PipelineParameter.MostCharacters)
            value.Fault("texts are too long together: they travel in each message of a query", $"{characters} characters", $"at most {PipelineParameter.MostCharacters} as the sum of \"maxLength\"");
        if (parameters.Count > MostCount)
            value.Fault("too many parameters", $"{parameters.Count}", $"at most {MostCount}");
        return [.. parameters];
    }

    /// <summary>Checks <c>texts</c> of tasks and variants against what is declared.</summary>
    public static void CheckUses(JsonValue tasks, JsonValue declared, ImmutableArray<PipelineParameter> parameters)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        string[] names = [.. parameters.Select(static p => p.Name)];
        foreach (var task in tasks.IsArray ? tasks.Items("tasks") : [])
        {
            Check(task);
            foreach (var variant in task.TryOptional("variants", out var variants) && variants.IsArray ? variants.Items("variants") : [])
                Check(variant);
        }

        foreach (var (name, item) in declared.Properties())
        {
            if (names.Contains(name, StringComparer.Ordinal) && !used.Contains(name))
                item.Fault("no task uses the parameter", $"\"{name}\"", $"\"{TextForm.ParameterPrefix}{name}\" in \"texts\" of a task's input, or no such parameter");
        }

        void Check(JsonValue place)
        {
            if (!place.TryOptional("input", out var input) || !input.TryOptional("texts", out var texts) || !texts.IsArray)
                return;
            foreach (var text in texts.Items("texts"))
            {
                if (text.RawText is not { } source || !source.StartsWith(TextForm.ParameterPrefix, StringComparison.Ordinal))
                    continue;
                var name = source[TextForm.ParameterPrefix.Length..];
                used.Add(name);
                if (!names.Contains(name, StringComparer.Ordinal))
                    text.Fault("the pipeline declares no such parameter", $"\"{source}\"", names.Length == 0 ? "a name that \"parameters\" of the file declares" : Names.Allowed(name, names));
            }
        }
    }

    private static PipelineParameter? Parameter(string name, JsonValue item)
    {
        if (!item.IsObjectWith("type", "maxLength", "min", "max", "default"))
            return null;
        var type = item.TryRequired("type", string.Join(", ", s_types), out var typeValue) ? typeValue.OneOf(s_types) : null;
        if (type is null)
            return null;
        var parameter = new PipelineParameter(name, (ParameterKind)Array.IndexOf(s_types, type));
        var isNumber = parameter.Kind is ParameterKind.Number or ParameterKind.Integer;
        foreach (var key in (string[])["maxLength", "min", "max"])
        {
            if (item.TryOptional(key, out var stray) && (key == "maxLength" ? parameter.Kind != ParameterKind.Text : !isNumber))
                stray.Fault($"a parameter of type {type} has no such key", null, isNumber ? "min, max, default" : parameter.Kind == ParameterKind.Text ? "maxLength, default" : "default");
        }

        parameter = parameter with
        {
            MaxLength = item.TryOptional("maxLength", out var most) ? (int?)most.Integer(1, PipelineParameter.MostCharacters) ?? parameter.MaxLength : parameter.MaxLength,
            Min = item.TryOptional("min", out var min) ? min.Number(double.MinValue, double.MaxValue) ?? parameter.Min : parameter.Min,
            Max = item.TryOptional("max", out var max) ? max.Number(double.MinValue, double.MaxValue) ?? parameter.Max : parameter.Max,
        };
        if (parameter.Min > parameter.Max)
            max.Fault("no number is in the range", $"{parameter.Max}", $"at least min, {parameter.Min}");
        if (!item.TryOptional("default", out var fallback))
            return parameter;
        var value = parameter.Kind switch
        {
            ParameterKind.Text => fallback.Text(parameter.Allowed),
            ParameterKind.Boolean => fallback.Flag() is { } flag ? flag ? "true" : "false" : null,
            _ => fallback.Number(double.MinValue, double.MaxValue)?.ToString("R", CultureInfo.InvariantCulture),
        };
        if (value is not null && !parameter.Takes(value))
            fallback.Fault("the default is no value that queries may bring", $"\"{(value.Length > 60 ? value[..60] + "…" : value)}\"", parameter.Allowed);
        return parameter with { Default = value };
    }
}
