using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>Reader of the reports of a series. A planner reads minutes of reports every second; those read before are not parsed again. Not
/// thread-safe.</summary>
internal sealed class ReportReader<T>
    where T : class
{
    private Dictionary<(DateTimeOffset Second, string Source), (string Json, T? Report)> _read = [];

    /// <summary>Returns the samples that are such reports, in their order.</summary>
    public List<Reported<T>> Read(IReadOnlyList<StoredSample> samples)
    {
        var (read, reports) = (new Dictionary<(DateTimeOffset, string), (string, T?)>(samples.Count), new List<Reported<T>>(samples.Count));
        foreach (var sample in samples)
        {
            var key = (sample.Second, sample.Source);
            var report = _read.TryGetValue(key, out var known) && known.Json == sample.Json ? known.Report : StateJson.Read<T>(sample.Json);
            read[key] = (sample.Json, report);
            if (report is not null)
                reports.Add(new Reported<T>(sample.Second, report));
        }

        // What has left the store is forgotten.
        _read = read;
        return reports;
    }
}

/// <summary>Report with its second.</summary>
internal readonly record struct Reported<T>(DateTimeOffset Second, T Report);
