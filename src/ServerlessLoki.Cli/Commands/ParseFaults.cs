using System.CommandLine;
using System.CommandLine.Parsing;

namespace ServerlessLoki.Cli.Commands;

/// <summary>Faults of a command line in this program's words, one line each. The library names .NET types where a text has no value of an
/// option's type.</summary>
internal static class ParseFaults
{
    private const int MostShown = 80;

    /// <summary>Lists the faults of a command line.</summary>
    public static string[] Of(ParseResult parsed) => [.. parsed.Errors.Select(Of).Distinct(StringComparer.Ordinal)];

    private static string Of(ParseError error)
    {
        if (!error.Message.StartsWith("Cannot parse argument", StringComparison.Ordinal) || error.SymbolResult is not { } symbol)
            return error.Message.ReplaceLineEndings(" ");
        var (name, type) = symbol switch
        {
            OptionResult option => (option.Option.Name, option.Option.ValueType),
            ArgumentResult { Parent: OptionResult option } => (option.Option.Name, option.Option.ValueType),
            ArgumentResult argument => (argument.Argument.Name, argument.Argument.ValueType),
            _ => ("", typeof(string)),
        };
        var found = symbol.Tokens.Count > 0 ? symbol.Tokens[^1].Value : "";
        return $"{name}: found '{(found.Length > MostShown ? found[..MostShown] + "…" : found)}', allowed: {Allowed(Nullable.GetUnderlyingType(type) ?? type.GetElementType() ?? type)}";
    }

    private static string Allowed(Type type) => type switch
    {
        _ when type.IsEnum => string.Join(", ", Enum.GetNames(type)),
        _ when type == typeof(FileInfo) => "path of a file",
        _ when type == typeof(DirectoryInfo) => "path of a folder",
        _ => "a value",
    };
}
