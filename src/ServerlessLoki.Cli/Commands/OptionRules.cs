using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;

namespace ServerlessLoki.Cli.Commands;

/// <summary>Rules of single options, checked while parsing, so that one run lists every fault.</summary>
internal static class OptionRules
{
    /// <summary>Requires a number within bounds, both included.</summary>
    public static Option<T> Within<T>(this Option<T> option, T low, T high)
        where T : struct, INumber<T>
    {
        option.CustomParser = static r => Read<T>(r.Tokens[0].Value) ?? default;
        option.Validators.Add(r => Check(r, option.Name, low, high));
        return option;
    }

    /// <summary>Requires a number within bounds, both included, when it is given.</summary>
    public static Option<T?> Within<T>(this Option<T?> option, T low, T high)
        where T : struct, INumber<T>
    {
        option.CustomParser = static r => Read<T>(r.Tokens[0].Value);
        option.Validators.Add(r => Check(r, option.Name, low, high));
        return option;
    }

    /// <summary>Parses an IP address in its usual notation; null for anything else.</summary>
    public static IPAddress? Address(string text) =>
        // "1.2.3" would be read as 1.2.0.3, as C's inet_aton does.
        IPAddress.TryParse(text, out var ip) && (ip.AddressFamily != AddressFamily.InterNetwork || text.Count(static c => c == '.') == 3) ? ip : null;

    /// <summary>Requires an IP address.</summary>
    public static Option<IPAddress> MustBeAddress(this Option<IPAddress> option)
    {
        option.Validators.Add(r =>
        {
            if (r.Tokens.Count == 1 && Address(r.Tokens[0].Value) is null)
                r.AddError($"{option.Name}: found '{r.Tokens[0].Value}', allowed: an IP address such as 127.0.0.1 or ::");
        });
        return option;
    }

    /// <summary>Requires an existing file.</summary>
    public static Option<FileInfo> MustExist(this Option<FileInfo> option)
    {
        option.Validators.Add(r =>
        {
            if (r.Tokens.Count == 1 && !File.Exists(r.Tokens[0].Value))
                r.AddError($"{option.Name}: there is no file '{r.Tokens[0].Value}'");
        });
        return option;
    }

    /// <summary>Requires an absolute http or https address.</summary>
    public static Option<Uri> MustBeHttp(this Option<Uri> option)
    {
        option.CustomParser = r =>
        {
            var text = r.Tokens[0].Value;
            if (Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}", UriKind.Absolute, out var uri)
                && uri.Scheme is "http" or "https")
                return uri;
            r.AddError($"{option.Name}: found '{text}', allowed: an address such as http://127.0.0.1:8080");
            return null;
        };
        return option;
    }

    /// <summary>Checks the text instead of the value, since the library throws when a validator reads a value that cannot be
    /// parsed.</summary>
    private static void Check<T>(OptionResult result, string name, T low, T high)
        where T : struct, INumber<T>
    {
        // Comparisons with NaN are false, so that it is refused too.
        if (result.Tokens.Count != 1 || (Read<T>(result.Tokens[0].Value) is { } value && value >= low && value <= high))
            return;
        var kind = typeof(T) == typeof(double) ? "a number" : "a whole number";
        result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name}: found '{result.Tokens[0].Value}', allowed: {kind} from {low} up to {high}"));
    }

    private static T? Read<T>(string text)
        where T : struct, INumber<T> =>
        T.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;
}
