using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Serving.Protocol;

namespace ServerlessLoki.Cli.Checking;

/// <summary>Check of a model that sends the same rows alone and together: in requests of several rows, and in as many requests at
/// once.</summary>
internal sealed class ModelCheck(HttpClient client, Uri server, ServedModel model, ulong seed, TimeSpan patience, TimeProvider time)
{
    private const int Rows = 16;
    private static readonly int[] Sizes = [2, 3, 8, 16];
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly Uri _infer = new(server, $"v2/models/{Uri.EscapeDataString(model.Name)}/infer");
    private readonly Dictionary<(int Row, string Variants), CheckAnswer> _alone = [];
    private readonly HashSet<int> _asked = [];
    private int _same;
    private int _different;
    private int _unlike;
    private int _refused;
    private string? _example;

    /// <summary>Runs the check.</summary>
    /// <exception cref="FailureException">The connection broke, or no values can be generated for the model's inputs.</exception>
    public async Task<CheckReport> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var rows = CheckRow.For(model, Rows, seed);
            for (var row = 0; row < rows.Count; row++)
                await AskAloneAsync(rows, row, cancellationToken);
            foreach (var size in Sizes)
            {
                if (model.TakesBatches)
                    await CompareRequestAsync(rows, size, cancellationToken);
                await CompareAtOnceAsync(rows, size, cancellationToken);
            }
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FailureException($"model '{model.Name}' at {server} cannot be checked: {e.Message}", e);
        }

        return new CheckReport(model.Name, model.IsPipeline ? "pipeline" : "variant", _same, _different, _unlike, _refused, _example);
    }

    private async Task AskAloneAsync(IReadOnlyList<CheckRow> rows, int row, CancellationToken cancellationToken)
    {
        var answer = await AskAsync([rows[row]], cancellationToken);
        if (answer.IsBusy)
            return;
        _alone[(row, answer.Variants)] = answer;
        _asked.Add(row);
    }

    /// <summary>Compares one request of several rows with the rows alone.</summary>
    private async Task CompareRequestAsync(IReadOnlyList<CheckRow> rows, int size, CancellationToken cancellationToken)
    {
        // Rows that are refused alone would have their request refused.
        var usable = Enumerable.Range(0, rows.Count).Where(r => _alone.GetValueOrDefault((r, "")) is { Status: 200 }).Take(size).ToList();
        if (usable.Count < size)
            return;
        var answer = await AskAsync([.. usable.Select(r => rows[r])], cancellationToken);
        for (var i = 0; i < size; i++)
            Compare(usable[i], answer.Row(i, size) ?? answer, $"in a request of {size} rows");
    }

    /// <summary>Compares concurrent requests of one row each with the rows alone.</summary>
    private async Task CompareAtOnceAsync(IReadOnlyList<CheckRow> rows, int size, CancellationToken cancellationToken)
    {
        for (var from = 0; from + size <= rows.Count; from += size)
        {
            var at = from;
            var answers = await Task.WhenAll(Enumerable.Range(at, size).Select(r => AskAsync([rows[r]], cancellationToken)));
            for (var i = 0; i < size; i++)
                Compare(at + i, answers[i], $"beside {size - 1} other requests");
        }
    }

    private void Compare(int row, CheckAnswer answer, string how)
    {
        if (answer.IsBusy || !_asked.Contains(row))
            _refused++;
        else if (!_alone.TryGetValue((row, answer.Variants), out var alone) && answer.Status == 200)
            _unlike++;
        else if (alone?.IsLike(answer) == true)
            _same++;
        else
            Differs(row, alone, answer, how);
    }

    private void Differs(int row, CheckAnswer? alone, CheckAnswer answer, string how)
    {
        _different++;
        _example ??= answer.Status != 200 || alone is not { Status: 200 }
            ? string.Create(CultureInfo.InvariantCulture, $"row {row} is answered {answer.Status} {how}, {(alone ?? _alone.First(a => a.Key.Row == row).Value).Status} alone")
            : $"row {row} has another {Where(alone, answer)} {how} than alone";
    }

    private static string Where(CheckAnswer alone, CheckAnswer answer)
    {
        var output = alone.Outputs.Zip(answer.Outputs).Where(o => !o.First.IsLike(o.Second)).Select(o => o.First.Name).FirstOrDefault();
        return output is null ? "number of outputs" : $"'{output}'";
    }

    /// <summary>Sends a request, and repeats it while the server is busy.</summary>
    private async Task<CheckAnswer> AskAsync(IReadOnlyList<CheckRow> rows, CancellationToken cancellationToken)
    {
        var body = CheckRow.Body(rows);
        var started = time.GetTimestamp();
        while (true)
        {
            using var content = new ByteArrayContent(body.Bytes);
            content.Headers.ContentType = new MediaTypeHeaderValue(body.ContentType);
            using var request = new HttpRequestMessage(HttpMethod.Post, _infer) { Content = content };
            request.Headers.TryAddWithoutValidation(InferHeaders.JsonLengthHeader, body.JsonLength!.Value.ToString(CultureInfo.InvariantCulture));
            using var response = await client.SendAsync(request, cancellationToken);
            var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            int? json = response.Headers.TryGetValues(InferHeaders.JsonLengthHeader, out var values) ? int.Parse(values.First(), CultureInfo.InvariantCulture) : null;
            var answer = CheckAnswer.Read((int)response.StatusCode, bytes, json);
            if (!answer.IsBusy || time.GetElapsedTime(started) > patience)
                return answer;
            await Task.Delay(Pause, time, cancellationToken);
        }
    }
}
