using System.CommandLine;

namespace ServerlessLoki.Cli.Commands;

/// <summary>Rules of single options. Checked while parsing, so that one run lists every fault.</summary>
internal static class OptionRules
{
    /// <summary>A number within bounds, both included.</summary>
    public static Option<T> Within<T>(this Option<T> option, T low, T high)
        where T : struct, IComparable<T>
    {
        option.Validators.Add(r =>
        {
            if (r.Tokens.Count == 1 && r.Errors.Any() is false && r.GetValueOrDefault<T>() is var v && (v.CompareTo(low) < 0 || v.CompareTo(high) > 0))
                r.AddError($"{option.Name}: found {v}, allowed: {low} up to {high}");
        });
        return option;
    }

    /// <summary>A number within bounds when it is given, both included.</summary>
    public static Option<T?> Within<T>(this Option<T?> option, T low, T high)
        where T : struct, IComparable<T>
    {
        option.Validators.Add(r =>
        {
            if (r.Tokens.Count == 1 && r.GetValueOrDefault<T?>() is { } v && (v.CompareTo(low) < 0 || v.CompareTo(high) > 0))
                r.AddError($"{option.Name}: found {v}, allowed: {low} up to {high}");
        });
        return option;
    }

    /// <summary>A file that is there.</summary>
    public static Option<FileInfo> MustExist(this Option<FileInfo> option)
    {
        option.Validators.Add(r =>
        {
            if (r.Tokens.Count == 1 && !File.Exists(r.Tokens[0].Value))
                r.AddError($"{option.Name}: there is no file '{r.Tokens[0].Value}'");
        });
        return option;
    }

    /// <summary>An absolute http or https address.</summary>
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
}
