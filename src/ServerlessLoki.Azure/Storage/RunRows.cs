using System.Globalization;
using System.Runtime.InteropServices;
using Azure.Data.Tables;

namespace ServerlessLoki.Azure.Storage;

/// <summary>Row keys of a run.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct RunRows(string id, DateTimeOffset created)
{
    public const string FirstRun = "r-";
    public const string EndOfRuns = "r.";
    public const string FirstUnfinished = "u-";
    public const string EndOfUnfinished = "u.";

    public string Id => IdRow(id);

    public string Run => $"{FirstRun}{Digits(DateTimeOffset.MaxValue.UtcTicks - created.UtcTicks)}-{TableKeys.Of(id)}";

    public string Unfinished => $"{FirstUnfinished}{Digits(created.UtcTicks)}-{TableKeys.Of(id)}";

    public static string IdRow(string id) => "i-" + TableKeys.Of(id);

    public static RunRows Of(TableEntity run) => new(run.GetString("Id"), new DateTimeOffset(run.GetInt64("Created")!.Value, TimeSpan.Zero));

    private static string Digits(long ticks) => ticks.ToString("D19", CultureInfo.InvariantCulture);
}
