using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving.Models;

/// <summary>Cache of layouts by model file: each file is probed once in a process, however often it is opened.</summary>
internal static class BatchLayouts
{
    private static readonly ConcurrentDictionary<Key, Lazy<BatchLayout>> s_known = new();

    /// <summary>Returns the layout of a model.</summary>
    /// <param name="file">File of the model; null for a model from memory, which is probed each time.</param>
    /// <param name="model">Open model.</param>
    public static BatchLayout Of(string? file, OnnxModel model)
    {
        if (file is null || new FileInfo(file) is not { Exists: true } found)
            return BatchProbe.Find(model);
        var key = new Key(found.FullName, found.Length, found.LastWriteTimeUtc, model.Provider, model.UsualLength, model.Constants.Text);
        var known = s_known.GetOrAdd(key, static (_, m) => new Lazy<BatchLayout>(() => BatchProbe.Find(m)), model);
        try
        {
            return known.Value;
        }
        catch
        {
            // A Lazy keeps its exception: the next attempt looks again.
            s_known.TryRemove(new KeyValuePair<Key, Lazy<BatchLayout>>(key, known));
            throw;
        }
    }

    /// <summary>Key of the cache: other content makes another key, and so do rows of another length and other constants.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Key(string Path, long Bytes, DateTime Written, string Provider, int? UsualLength, string Constants);
}
