using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Lower case without accents, as uncased BERT models were trained: canonical decomposition (Unicode's NFD), marks left out.</summary>
/// <remarks>The runtime decomposes only where the system has ICU, and answers must not depend on that.</remarks>
internal static class AccentFolding
{
    private const char FirstSyllable = '\uAC00', LastSyllable = '\uD7A3';
    private const int Vowels = 21, Finals = 28;

    /// <summary>Letters with marks, in lower case, and the same without them: from Unicode's data, U+00C0 to U+1FFF.</summary>
    private const string Marked = 
        "àáâãäåçèéêëìíîïñòóôõöùúûüýÿāăąćĉċčďēĕėęěĝğġģĥĩīĭįĵķĺļľńņňōŏőŕŗřśŝşšţťũūŭůűųŵŷźżžơưǎǐǒǔǖǘǚǜǟǡǣǧǩǫǭǯǰǵ"
        + "ǹǻǽǿȁȃȅȇȉȋȍȏȑȓȕȗșțȟȧȩȫȭȯȱȳʹ;΅·ΐάέήίΰϊϋόύώϓϔйѐёѓїќѝўѷӂӑӓӗӛӝӟӣӥӧӫӭӯӱӳӵӹآأؤإئۀۂۓऩऱऴक़ख़ग़ज़ड़ढ़फ़य़ড়ঢ়য়ਲ਼ਸ਼ਖ਼ਗ਼ਜ਼ਫ਼ୈଡ଼ଢ଼"
        + "ೀೇೈೊේགྷཌྷདྷབྷཛྷཀྵဦᬻᬽᭃḁḃḅḇḉḋḍḏḑḓḕḗḙḛḝḟḡḣḥḧḩḫḭḯḱḳḵḷḹḻḽḿṁṃṅṇṉṋṍṏṑṓṕṗṙṛṝṟṡṣṥṧṩṫṭṯṱṳṵṷṹṻṽṿẁẃẅẇẉẋẍẏẑẓẕẖẗẘẙẛạảấầẩ"
        + "ẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹἀἁἂἃἄἅἆἇἐἑἒἓἔἕἠἡἢἣἤἥἦἧἰἱἲἳἴἵἶἷὀὁὂὃὄὅὐὑὒὓὔὕὖὗὠὡὢὣὤὥὦὧὰάὲέὴήὶί"
        + "ὸόὺύὼώᾀᾁᾂᾃᾄᾅᾆᾇᾐᾑᾒᾓᾔᾕᾖᾗᾠᾡᾢᾣᾤᾥᾦᾧᾰᾱᾲᾳᾴᾶᾷι῁ῂῃῄῆῇ῍῎῏ῐῑῒΐῖῗ῝῞῟ῠῡῢΰῤῥῦῧ῭΅`ῲῳῴῶῷ´";

    private const string Plain = 
        "aaaaaaceeeeiiiinooooouuuuyyaaaccccdeeeeegggghiiiijklllnnnooorrrssssttuuuuuuwyzzzouaiouuuuuaaægkooʒjg"
        + "naæøaaeeiioorruusthaeooooyʹ;¨·ιαεηιυιυουωϒϒиеегікиуѵжааеәжзииоөэууучыااوايەہےनरळकखगजडढफयডঢযਲਸਖਗਜਫେଡଢ"
        + "ೕೕೖೂෙགཌདབཛཀဥᬵᬵᬵabbbcdddddeeeeefghhhhhiikkkllllmmmnnnnoooopprrrrsssssttttuuuuuvvwwwwwxxyzzzhtwyſaaaaa"
        + "aaaaaaaeeeeeeeeiioooooooooooouuuuuuuyyyyααααααααεεεεεεηηηηηηηηιιιιιιιιοοοοοουυυυυυυυωωωωωωωωααεεηηιι"
        + "οουυωωααααααααηηηηηηηηωωωωωωωωαααααααι¨ηηηηη᾿᾿᾿ιιιιιι῾῾῾υυυυρρυυ¨¨`ωωωωω´";

    private static readonly FrozenDictionary<char, char> s_plain = Marked.Zip(Plain).ToFrozenDictionary(static p => p.First, static p => p.Second);

    /// <summary>The folded text.</summary>
    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var letter in text.ToLowerInvariant())
        {
            if (letter < 0xC0)
                folded.Append(letter);
            else if (letter is >= FirstSyllable and <= LastSyllable)
                AddSyllable(folded, letter - FirstSyllable);
            else if (CharUnicodeInfo.GetUnicodeCategory(letter) != UnicodeCategory.NonSpacingMark)
                folded.Append(s_plain.GetValueOrDefault(letter, letter));
        }

        return folded.ToString();
    }

    /// <summary>Hangul syllables decompose by arithmetic (The Unicode Standard, section 3.12).</summary>
    private static void AddSyllable(StringBuilder folded, int syllable)
    {
        folded.Append((char)(0x1100 + (syllable / (Vowels * Finals)))).Append((char)(0x1161 + (syllable % (Vowels * Finals) / Finals)));
        if (syllable % Finals is > 0 and var final)
            folded.Append((char)(0x11A7 + final));
    }
}
