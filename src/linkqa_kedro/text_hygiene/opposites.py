"""Words, beginnings, endings and Chinese characters of which one excludes the other.

Within each group, what differs makes another concept: an upper bound is no lower bound, a hypotonic solution no
hypertonic one, an alkane no alkene. The groups are those that exam questions are full of; they are not complete.
"""


def _groups(text: str) -> tuple[frozenset[str], ...]:
    """The groups of a list, parted by bars."""
    return tuple(frozenset(group.split()) for group in text.split("|"))


def _members(text: str) -> tuple[str, ...]:
    """The groups of a list of characters, parted by white space."""
    return tuple(text.split())


WORDS = _groups(
    """
    positive negative neutral | left right | upper lower middle | top bottom | inner outer | internal external |
    interior exterior | inside outside | initial final | maximum minimum | maximal minimal | max min |
    major minor | greatest least | largest smallest | high low | higher lower | long short | large small |
    strong weak | fast slow | early late | old new | hot cold | wet dry | hard soft | increase decrease |
    increasing decreasing | rise fall | gain loss | growth decay | input output | supply demand | cause effect |
    parallel perpendicular series | horizontal vertical | even odd | convex concave |
    linear nonlinear quadratic cubic quartic | rational irrational | real imaginary complex | finite infinite |
    convergent divergent | open closed | static dynamic kinetic potential |
    mean median mode variance | arithmetic geometric harmonic | sine cosine tangent cotangent | secant cosecant |
    numerator denominator | dividend divisor quotient remainder | sum difference product quotient |
    addition subtraction multiplication division | union intersection complement difference |
    necessary sufficient | necessary optional | domain range codomain | row column | prime composite |
    acute obtuse right reflex | equilateral isosceles | inscribed circumscribed | diameter radius circumference |
    area perimeter volume | permutation combination | inductive deductive | null alternative |
    dependent independent | discrete continuous | parametric nonparametric | acid base salt |
    acidic basic alkaline | oxidation reduction | oxidizing reducing | anode cathode | anion cation |
    ionic covalent metallic hydrogen | endothermic exothermic | saturated unsaturated | organic inorganic |
    cis trans | solute solvent solution | element compound mixture | proton neutron electron |
    electric magnetic gravitational nuclear | voltage current resistance |
    reflection refraction diffraction | speed velocity | elastic inelastic |
    transverse longitudinal | renewable nonrenewable | absolute relative | direct indirect | active passive |
    dominant recessive | mitosis meiosis | artery vein | arterial venous | prokaryotic eukaryotic |
    anaerobic aerobic | plant animal | male female | sympathetic parasympathetic | sensory motor |
    innate acquired adaptive | diploid haploid | genotype phenotype | systolic diastolic | proximal distal |
    dorsal ventral | anterior posterior | transcription translation | explicit implicit |
    classical operant | fluid crystallized | public private | civil criminal | domestic foreign | micro macro |
    fiscal monetary | import export | buyer seller | debit credit | asset liability |
    fixed variable marginal average | simple compound | northern southern eastern western |
    north south east west | ancient modern medieval | 1st last | ascending descending |
    forward backward reverse | up down | clockwise counterclockwise | before after | present past future | king queen |
    husband wife | mother father | son daughter | summer winter spring autumn | day night
    """
)
BEGINNINGS = _groups(
    """
    hypo hyper | intra inter extra | endo exo ecto meso | macro micro meso | homo hetero homeo | ab ad de | af ef |
    ex in im em | over under | up down | pre post ante | pro anti contra retro antero |
    mono di bi tri tetra penta hexa poly multi uni | ana cata | sub super supra |
    iso aniso | syn dis a | con di sub de | proto deutero | eu pro | photo chemo |
    anti auto | epi hypo | m t r mi si sn |
    meth eth prop but
    """
)
ENDINGS = _groups(
    """
    ane ene yne | anol anal anone anoic | ate ite ide | ic ous | ose ase | er ee | or ee | ist ism |
    ology ography onomy | phil phobe | philic phobic | kinesis tropism
    """
)
NEGATIONS = frozenset({"not", "no", "non", "without", "never", "neither"})

# Every character of a group excludes the others of it.
HAN_GROUPS = _members(
    """
    正负反逆 上中下 左右 前后 内外 大小 高低 强弱 升降 增减 加减乘除 电磁力热光声 阴阳
    酸碱盐 横纵竖 凸凹 奇偶 东西南北 春夏秋冬 男女 父母 主被 公私国 长短 快慢 远近 新旧
    软硬 冷热 动静势 开闭 进出 输收 有无 真假 同异 首末 始终 先后 显隐 因果 买卖
    借贷 供需 胜负 实虚 干湿 雌雄 根茎叶花果 弦切割 角边 正余 整小分对复函实 行列 点线面体
    差积商 交并补 氧氢氮碳氯硫 钠钾钙镁铝铁铜锌银 烷烯炔醇醛酸酮酯醚
    """
)
HAN_NEGATIONS = frozenset("不非无未反逆负去抗亚副次")
